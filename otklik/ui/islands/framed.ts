/** Inside the embedded form: tells the page around how high it is. */
if (window.parent !== window && document.body.classList.contains("portal-embedded")) {
  const tell = () => window.parent.postMessage({ otklikHeight: document.body.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
}
