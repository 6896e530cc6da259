/**
 * A form that pays: on submit it trades the card for a token, puts the token into the form, and only then sends it.
 * @module
 */

import { isComplete } from "./form-errors.js";
import { loadFields, messageOf, showError } from "./hosted-fields.js";

/** @typedef {import("./gateways/stripe.js").Billing} Billing */
/** @typedef {import("./hosted-fields.js").Fields} Fields */

/**
 * @param {HTMLFormElement} form with an input named confirmation_token and a button with the id "pay"
 * @param {() => Billing} billing reads who pays, at the moment of paying
 * @param {(fields: Fields | null, busy: (now: boolean) => void) => void} [ready] called when the form can be used
 */
export async function preparePayForm(form, billing, ready) {
  const place = document.getElementById("hosted-fields");
  const button = form.querySelector("button#pay");
  if (!(button instanceof HTMLButtonElement)) return;
  const busy = (/** @type {boolean} */ now) => {
    button.disabled = now;
    button.setAttribute("aria-busy", String(now));
  };
  busy(true);
  try {
    const fields = place && (await mounted(place));
    if (fields) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        pay(form, fields, billing, busy);
      });
    }
    busy(false);
    ready?.(fields, busy);
  } catch (error) {
    showError(messageOf(error));
    button.setAttribute("aria-busy", "false");
  }
}

/** @param {HTMLElement} place */
async function mounted(place) {
  const fields = await loadFields(place);
  await fields.mount(place);
  return fields;
}

/**
 * @param {HTMLFormElement} form
 * @param {Fields} fields
 * @param {() => Billing} billing
 * @param {(now: boolean) => void} busy
 */
async function pay(form, fields, billing, busy) {
  showError("");
  if (!isComplete(form)) return;
  busy(true);
  freeze(form, true);
  try {
    const result = await fields.createToken(billing());
    if ("message" in result) throw new Error(result.message);
    const input = form.elements.namedItem("confirmation_token");
    if (input instanceof HTMLInputElement) input.value = result.token;
    form.submit();
  } catch (error) {
    showError(messageOf(error));
    freeze(form, false);
    busy(false);
  }
}

/**
 * The token is for the amount that was shown: what changes it waits until the form is gone.
 * @param {HTMLFormElement} form
 * @param {boolean} now
 */
function freeze(form, now) {
  for (const part of form.querySelectorAll("[data-priced]")) part.toggleAttribute("inert", now);
}
