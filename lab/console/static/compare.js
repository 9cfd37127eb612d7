/* Two runs under each other, drawn in the same scale. */

import { handed } from "./elements.js";
import { side } from "./twins.js";

const words = handed("words");
const places = [...document.querySelectorAll(".compared[data-run]")];
const sides = [];
const longest = () => Math.max(...sides.map((one) => one.run.seconds), 0.1);
for (const place of places)
  sides.push(side(place.dataset.run, place, words, longest, () => sides.forEach((one) => one.show())));
