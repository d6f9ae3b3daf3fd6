// Formulas that are wider than the page are set smaller, so that they are seen whole.
const SMALLEST = 0.5;

function fit() {
  for (const place of document.querySelectorAll("article .math")) {
    const share = place.clientWidth / place.scrollWidth;
    if (share < 1) place.style.fontSize = `${Math.floor(100 * Math.max(share, SMALLEST)) - 1}%`;
  }
}

window.addEventListener("load", () => window.MathJax?.startup?.promise.then(fit));
