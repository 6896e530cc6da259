/**
 * The checkout page.
 * @module
 */

import { preparePayForm } from "./pay-form.js";

const form = document.getElementById("checkout-form");

if (form instanceof HTMLFormElement) {
  const said = (/** @type {string} */ name) => {
    const field = form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : "";
  };
  document.getElementById("error-summary")?.focus();
  preparePayForm(form, () => ({
    email: said("email"),
    name: said("name"),
    address: said("address"),
    city: said("city"),
    postalCode: said("postal_code"),
    country: said("country"),
  }));
}

// A page that comes out of the browser's cache after "back" shows an old quote and a dead button.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
