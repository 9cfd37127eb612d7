"use strict";
// What a page has of each region: which numbers, which are missing. Pure; feed.js asks it.

class Region {
  // `last`: where the region stood when we came. Everything up to it is before our time.
  constructor(last) {
    this.upto = last; // every number up to here is here, or known to be lost
    this.ahead = new Set(); // numbers beyond it that are here already
    this.highest = last;
  }

  // "new", "hole" (new, and it showed that numbers before it are missing), "late" (it filled one) or "twice"
  take(number) {
    if (number <= this.upto || this.ahead.has(number)) return "twice";
    const late = number < this.highest;
    const hole = number > this.highest + 1;
    this.ahead.add(number);
    this.highest = Math.max(this.highest, number);
    while (this.ahead.delete(this.upto + 1)) this.upto += 1;
    return hole ? "hole" : late ? "late" : "new";
  }

  get missing() {
    return this.highest - this.upto - this.ahead.size;
  }

  // The server has no more of what was before `number`: whatever is still missing there is lost. How many?
  giveUp() {
    const lost = this.missing;
    this.upto = this.highest;
    this.ahead.clear();
    return lost;
  }
}
