/**
 * Ask how the payment stands until it stands still, and let the shopper act when their bank wants it.
 * @module
 */

import { loadFields, messageOf, showError } from "./hosted-fields.js";

/**
 * @typedef {object} Standing
 * @property {string} state
 * @property {string} message
 * @property {string} [client_secret]
 */

const MOVING = ["pending", "confirming", "requires_action"];
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5000;

/** @param {HTMLElement} place with the page's `data-state` and `data-status-url` */
export async function followPayment(place) {
  if (!MOVING.includes(place.dataset.state ?? "")) return;
  let wait = FIRST_WAIT_MS;
  let asked = false;
  for (;;) {
    const standing = await ask(place.dataset.statusUrl ?? "");
    if (standing && !MOVING.includes(standing.state)) return window.location.reload();
    if (standing) tell(standing);
    if (standing?.client_secret && !asked) {
      asked = true;
      await act(place, standing.client_secret);
      wait = FIRST_WAIT_MS;
    }
    await pause(wait);
    wait = Math.min(wait * 1.4, LONGEST_WAIT_MS);
  }
}

/**
 * @param {string} url
 * @returns {Promise<Standing | null>} null where the shop cannot be reached: it is asked again
 */
async function ask(url) {
  try {
    const response = await fetch(url, { cache: "no-store", headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // offline for a moment; the next round asks again
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} clientSecret
 */
async function act(place, clientSecret) {
  try {
    const fields = await loadFields(place);
    const trouble = await fields.handleNextAction(clientSecret);
    showError(trouble);
    if (trouble) offerAgain(fields, clientSecret);
  } catch (error) {
    showError(messageOf(error));
  }
}

/**
 * @param {import("./gateways/stripe.js").StripeFields} fields
 * @param {string} clientSecret
 */
function offerAgain(fields, clientSecret) {
  const button = document.getElementById("continue-action");
  if (!button) return;
  button.hidden = false;
  button.onclick = async () => {
    button.hidden = true;
    const trouble = await fields.handleNextAction(clientSecret);
    showError(trouble);
    button.hidden = !trouble;
  };
}

/** @param {Standing} standing */
function tell({ state, message }) {
  const place = document.getElementById("status-message");
  if (place && place.textContent !== message) place.textContent = message;
  const hint = document.getElementById("close-hint");
  if (hint) hint.hidden = state !== "confirming";
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
