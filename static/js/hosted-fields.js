/**
 * Find the hosted fields' place on the page and load the module of the gateway that fills it.
 * @module
 */

/** @typedef {import("./gateways/stripe.js").StripeFields} Fields */

/**
 * @param {HTMLElement} place an element whose `data-module` names the gateway's module
 * @returns {Promise<Fields>}
 */
export async function loadFields(place) {
  const options = document.getElementById("hosted-fields-options");
  if (!place.dataset.module || !options) throw new Error("This page lacks the card fields' configuration.");
  const { createFields } = await import(place.dataset.module);
  return createFields(readOptions(options));
}

/**
 * @param {HTMLElement} place where the server wrote them
 * @returns {import("./gateways/stripe.js").AllOptions}
 */
export function readOptions(place) {
  return JSON.parse(place.textContent ?? "");
}

/**
 * Say what went wrong where assistive technology reads it out, and bring it into view.
 * @param {string} message
 */
export function showError(message) {
  const place = document.getElementById("payment-error");
  if (!place) return;
  place.textContent = message;
  place.hidden = !message;
  if (message) place.scrollIntoView({ block: "center" });
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : "Something went wrong. Nothing was charged; please try again.";
}
