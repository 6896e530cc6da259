/**
 * The checkout page.
 * @module
 */

import { reloadWhenShownAgain } from "./fresh-page.js";
import { preparePayForm } from "./pay-form.js";
import { followShipping } from "./shipping-choice.js";

const form = document.getElementById("checkout-form");

if (form instanceof HTMLFormElement) {
  const said = (/** @type {string} */ name) => {
    const field = form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : "";
  };
  document.getElementById("error-summary")?.focus();
  const billing = () => ({
    email: said("email"),
    name: said("name"),
    address: said("address"),
    city: said("city"),
    postalCode: said("postal_code"),
    country: said("country"),
  });
  preparePayForm(form, billing, (fields, busy) => followShipping(form, fields, busy));
}

reloadWhenShownAgain();
