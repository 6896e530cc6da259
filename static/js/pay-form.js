/**
 * A form that pays: on submit it trades the card for a token, puts the token into the form, and only then sends it.
 * @module
 */

import { isComplete } from "./form-errors.js";
import { loadFields, messageOf, showError } from "./hosted-fields.js";

/** @typedef {import("./gateways/stripe.js").Billing} Billing */

/**
 * @param {HTMLFormElement} form with an input named confirmation_token and a button with the id "pay"
 * @param {() => Billing} billing reads who pays, at the moment of paying
 */
export async function preparePayForm(form, billing) {
  const place = document.getElementById("hosted-fields");
  const button = form.querySelector("button#pay");
  if (!place || !(button instanceof HTMLButtonElement)) return;
  const busy = (/** @type {boolean} */ now) => {
    button.disabled = now;
    button.setAttribute("aria-busy", String(now));
  };
  busy(true);
  try {
    const fields = await loadFields(place);
    await fields.mount(place);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      pay(form, fields, billing, busy);
    });
    busy(false);
  } catch (error) {
    showError(messageOf(error));
    button.setAttribute("aria-busy", "false");
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {import("./gateways/stripe.js").StripeFields} fields
 * @param {() => Billing} billing
 * @param {(now: boolean) => void} busy
 */
async function pay(form, fields, billing, busy) {
  showError("");
  if (!isComplete(form)) return;
  busy(true);
  try {
    const result = await fields.createToken(billing());
    if ("message" in result) throw new Error(result.message);
    const input = form.elements.namedItem("confirmation_token");
    if (input instanceof HTMLInputElement) input.value = result.token;
    form.submit();
  } catch (error) {
    showError(messageOf(error));
    busy(false);
  }
}
