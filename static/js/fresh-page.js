/**
 * A page that the browser kept alive and shows again after "back" tells what was, and its button is dead.
 * @module
 */

export function reloadWhenShownAgain() {
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
}
