/**
 * The order page: follows the payment, runs the bank's confirmation, offers another try.
 * @module
 */

import { reloadWhenShownAgain } from "./fresh-page.js";
import { preparePayForm } from "./pay-form.js";
import { followPayment } from "./payment-status.js";

const place = document.getElementById("order-status");
const form = document.getElementById("pay-again-form");
const billing = document.getElementById("billing");

if (form instanceof HTMLFormElement && billing) {
  const { email = "", name = "", address = "", city = "", postalCode = "", country = "" } = billing.dataset;
  preparePayForm(form, () => ({ email, name, address, city, postalCode, country }));
}

if (place) followPayment(place);
reloadWhenShownAgain();
