"""Which target is chosen, why, and what making the machine ready for it installs and says."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.target import StackUnavailable
from lab.machine import choose
from lab.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


class FakeImage:
    """An image module that needs one package and makes one thing."""

    def __init__(self, packages: set[str]) -> None:
        self.packages = packages
        self.prepared = 0

    def needed_packages(self, settings: Settings) -> list[str]:
        return sorted(self.packages)

    def missing(self, settings: Settings) -> list[str]:
        return [] if self.prepared else ["Kafka's jars are missing."]

    def prepare(self, settings: Settings, tell: choose.Tell) -> None:
        self.prepared += 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(environment.read(ROOT), state=tmp_path / "lab-x-0", target="", variables={})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[bool, str]]:
    """What the engine and the images say; neither is really asked."""
    says = {"engine": (True, "a Docker engine answers (API 1.45)"), "images": (True, "every image is here")}
    monkeypatch.setattr(choose, "engine_answers", lambda settings: says["engine"])
    monkeypatch.setattr(choose, "images_available", lambda settings, tell: says["images"])
    return says


def chosen(settings: Settings) -> tuple[str, str]:
    return choose.choose_target(settings, lambda sentence: None)


def test_compose_is_chosen_where_an_engine_answers_and_every_image_is_here(
    settings: Settings, engine: dict[str, tuple[bool, str]]
) -> None:
    name, why = chosen(settings)
    assert name == "compose"
    assert why == "A Docker engine answers (API 1.45) and every image is here, so the stack runs as containers."


def test_local_is_chosen_where_no_engine_answers_and_the_reason_is_said(
    settings: Settings, engine: dict[str, tuple[bool, str]]
) -> None:
    engine["engine"] = (False, "there is no `docker` command. Install Docker, or use `--target local`")
    name, why = chosen(settings)
    assert name == "local"
    assert why == (
        "No Docker engine can be used (there is no `docker` command), "
        "so the stack runs as plain processes (the local target)."
    )


def test_local_is_chosen_where_an_image_cannot_be_had(settings: Settings, engine: dict[str, tuple[bool, str]]) -> None:
    engine["images"] = (False, "the image apache/kafka:4.3.1 cannot be had: no route. Check the network")
    name, why = chosen(settings)
    assert name == "local"
    assert "the image apache/kafka:4.3.1 cannot be had: no route, so the stack runs as plain processes" in why


@pytest.mark.parametrize("in_force", ["compose", "local"])
def test_the_target_of_a_stack_that_is_up_is_kept(
    settings: Settings, engine: dict[str, tuple[bool, str]], in_force: str
) -> None:
    engine["engine"] = (in_force == "local", "")
    settings.state.mkdir()
    (settings.state / "target").write_text(f"{in_force}\n")
    assert chosen(settings) == (in_force, f"The stack is on the {in_force} target since the last `lab up`.")


def test_somebodys_word_comes_before_everything(settings: Settings, engine: dict[str, tuple[bool, str]]) -> None:
    settings.state.mkdir()
    (settings.state / "target").write_text("compose\n")
    name, why = chosen(replace(settings, target="external"))
    assert (name, why) == ("external", "The stack runs on the external target, as you asked.")


def test_a_state_folder_with_nonsense_in_it_is_not_believed(
    settings: Settings, engine: dict[str, tuple[bool, str]]
) -> None:
    settings.state.mkdir()
    (settings.state / "target").write_text("nonsense\n")
    assert chosen(settings)[0] == "compose"


class Prepared:
    """`choose.prepare` on a machine where one package is missing."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings = settings
        self.image = FakeImage({"default-jre-headless"})
        self.wrapper = {"libnss-wrapper"}
        self.installed: list[list[str]] = []
        self.comes = True
        monkeypatch.setattr(choose, "images_of_the_stack", lambda settings: [self.image])
        monkeypatch.setattr(choose.local, "needed_packages", lambda settings: sorted(self.wrapper))
        monkeypatch.setattr(choose.packages, "install", self.install)

    def install(self, names: list[str], **how: object) -> None:
        self.installed.append(names)
        if self.comes:
            self.wrapper.clear()
            self.image.packages.clear()

    def prepare(self, target: str = "local") -> None:
        choose.prepare(self.settings, target, assume_yes=True, tell=lambda s: None, ask=lambda q: True)


@pytest.fixture
def machine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    return Prepared(settings, monkeypatch)


def test_packages_of_the_target_and_its_images_are_installed_together_then_the_images_prepare(
    machine: Prepared,
) -> None:
    machine.prepare()
    assert machine.installed == [["default-jre-headless", "libnss-wrapper"]]
    assert machine.image.prepared == 1
    machine.prepare()
    assert len(machine.installed) == 1


@pytest.mark.parametrize("target", ["compose", "external"])
def test_other_targets_need_nothing_of_this_machine(machine: Prepared, target: str) -> None:
    machine.prepare(target)
    assert machine.installed == []
    assert machine.image.prepared == 0


def test_a_package_that_comes_without_what_it_should_bring_is_named(machine: Prepared) -> None:
    machine.comes = False
    with pytest.raises(StackUnavailable, match=r"not found.*default-jre-headless, libnss-wrapper.*JAVA_HOME"):
        machine.prepare()


def test_what_an_image_still_lacks_is_said_before_anything_starts(
    machine: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.image, "prepare", lambda settings, tell: None)
    with pytest.raises(StackUnavailable, match=r"Kafka's jars are missing\."):
        machine.prepare()


def test_our_own_stack_knows_what_it_needs(settings: Settings) -> None:
    bare = replace(settings, variables={"PATH": "/nowhere"}, downloads=settings.state)
    assert {"default-jre-headless", "maven"} <= set(choose.needed_packages(bare))
