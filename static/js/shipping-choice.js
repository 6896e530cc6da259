/**
 * Another way of shipping, another total: ask the shop for the page as it is with it, and take over what differs.
 * What was typed stays, in the card's fields too.
 * @module
 */

import { readOptions, showError } from "./hosted-fields.js";

/** @typedef {import("./hosted-fields.js").Fields} Fields */

const REPLACED = ["order-summary", "id_checkout_id", "id_fingerprint", "hosted-fields-options"];
const TROUBLE = "The total for this way of shipping could not be found out. Please choose it again.";

/**
 * @param {HTMLFormElement} form the checkout's
 * @param {Fields | null} fields mounted; null on a page that has none
 * @param {(now: boolean) => void} busy holds back the button that pays
 */
export function followShipping(form, fields, busy) {
  let latest = new AbortController();
  const follow = async () => {
    latest.abort();
    const { signal } = (latest = new AbortController());
    busy(true);
    showError("");
    try {
      await requote(form, fields, signal);
    } catch {
      if (signal.aborted) return;
      chooseAsQuoted(form);
      showError(TROUBLE);
    }
    if (!signal.aborted) busy(false);
  };
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "shipping_method") follow();
  });
  if (choices(form).some((choice) => choice.checked !== choice.defaultChecked)) follow();
}

/**
 * @param {HTMLFormElement} form
 * @param {Fields | null} fields
 * @param {AbortSignal} signal
 */
async function requote(form, fields, signal) {
  const page = await askFor(form, signal);
  const options = page.getElementById("hosted-fields-options");
  if (!fields || !options) return sendWhole(form);
  await fields.reprice(readOptions(options));
  signal.throwIfAborted();
  for (const id of REPLACED) document.getElementById(id)?.replaceWith(page.getElementById(id) ?? "");
  document.getElementById("pay")?.replaceChildren(page.getElementById("pay")?.textContent?.trim() ?? "");
  for (const choice of choices(form)) choice.defaultChecked = choice.checked;
  const told = document.getElementById("total-told");
  if (told) told.textContent = page.getElementById("total-told")?.dataset.told ?? "";
}

/**
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
async function askFor(form, signal) {
  const said = new FormData(form);
  const wish = new URLSearchParams({ update: "yes" });
  for (const name of ["csrfmiddlewaretoken", "shipping_method"]) wish.set(name, String(said.get(name)));
  const response = await fetch(form.action, { method: "POST", body: wish, signal });
  if (!response.ok) throw new Error(`The shop answered ${response.status}.`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/**
 * Where card fields come or go, or the cart is empty by now, a page of its own answers; the form goes along.
 * @param {HTMLFormElement} form
 */
function sendWhole(form) {
  const update = document.createElement("input");
  Object.assign(update, { type: "hidden", name: "update", value: "yes" });
  form.append(update);
  form.submit();
}

/** @param {HTMLFormElement} form */
function chooseAsQuoted(form) {
  for (const choice of choices(form)) choice.checked = choice.defaultChecked;
}

/** @param {HTMLFormElement} form */
function choices(form) {
  return [...form.querySelectorAll("input")].filter((input) => input.name === "shipping_method");
}
