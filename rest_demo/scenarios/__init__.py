"""The scenarios of the REST demo."""

from rest_demo.bench import bench_import
from rest_demo.scenarios.csrf_matrix import csrf_matrix
from rest_demo.scenarios.import_behind_balancer import import_behind_balancer
from rest_demo.scenarios.import_round_trip import import_round_trip
from rest_demo.scenarios.import_truth import import_truth
from rest_demo.scenarios.instance_dies import instance_dies
from rest_demo.scenarios.instance_hangs import instance_hangs
from rest_demo.scenarios.outbox import outbox
from rest_demo.scenarios.scale_out import scale_out
from rest_demo.scenarios.server_change import server_change
from rest_demo.scenarios.single_point_of_failure import single_point_of_failure
from rest_demo.scenarios.thin_vs_thick import thin_vs_thick

SCENARIOS = [
    csrf_matrix,
    instance_dies,
    instance_hangs,
    single_point_of_failure,
    scale_out,
    server_change,
    thin_vs_thick,
    outbox,
    import_truth,
    import_behind_balancer,
    import_round_trip,
]
BENCHES = {"rest-import": bench_import}
