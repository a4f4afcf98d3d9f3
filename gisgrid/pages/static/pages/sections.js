/* On a phone the sections are one line that is pushed along: the one that is open comes into sight. */

const sections = document.querySelector(".sections");
const open = sections?.querySelector("[aria-current]");

if (open) sections.scrollLeft = open.offsetLeft - sections.offsetLeft - (sections.clientWidth - open.offsetWidth) / 2;
