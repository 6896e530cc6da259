import { brandOf, digitsOf, formatNumber, numberProblem } from "./card_number.js";
import { fillCountries, needsPostalCode } from "./countries.js";
import { expiryProblem, formatExpiry, parseExpiry } from "./expiry.js";
import { Field } from "./field.js";

/**
 * @typedef {object} Presentation
 * @property {import("./appearance.js").Appearance} appearance
 * @property {string} locale
 * @property {boolean} collectCountry
 * @property {boolean} collectPostalCode
 * @property {{country?: string, postal_code?: string}} defaultAddress
 * @property {boolean} readOnly
 */

const NOTHING = { format: (/** @type {string} */ text) => text, problem: () => null };

/** The card's fields as one form. */
export class CardForm {
  constructor() {
    this.number = new Field("number", { format: formatNumber, problem: numberProblem });
    this.expiry = new Field("expiry", { format: formatExpiry, problem: expiryProblem });
    this.code = new Field("code", {
      format: (typed) => digitsOf(typed).slice(0, brandOf(this.number.value).codeLength),
      problem: (value) => this.codeProblem(value),
    });
    this.country = new Field("country", NOTHING);
    this.postalCode = new Field("postal-code", { ...NOTHING, problem: postalCodeProblem });
    this.fields = [this.number, this.expiry, this.code, this.country, this.postalCode];
    this.collectPostalCode = false;
    this.country.input.addEventListener("change", () => this.arrange());
    this.number.input.addEventListener("input", () => this.showBrand());
  }

  /** @param {Presentation} presentation */
  present(presentation) {
    const { defaultAddress } = presentation;
    if (!this.country.value) {
      fillCountries(/** @type {HTMLSelectElement} */ (this.country.input), defaultAddress.country ?? "US");
      this.postalCode.input.value = defaultAddress.postal_code ?? "";
    }
    this.country.box.hidden = !presentation.collectCountry;
    this.collectPostalCode = presentation.collectPostalCode;
    for (const field of this.fields) {
      field.input.toggleAttribute(
        field.input instanceof HTMLSelectElement ? "disabled" : "readonly",
        presentation.readOnly,
      );
    }
    this.arrange();
  }

  /** A postal code is asked for where the country's cards are checked against one. */
  arrange() {
    const country = this.country.asked ? this.country.value : "";
    this.postalCode.box.hidden = !(this.collectPostalCode && needsPostalCode(country));
  }

  showBrand() {
    const shown = /** @type {HTMLElement} */ (document.getElementById("brand"));
    shown.textContent = this.number.value ? brandOf(this.number.value).name : "";
  }

  /**
   * @param {string} value
   * @returns {import("./field.js").Problem | null}
   */
  codeProblem(value) {
    if (digitsOf(value).length === brandOf(this.number.value).codeLength) {
      return null;
    }
    return { code: "incomplete_cvc", message: "Your card's security code is incomplete." };
  }

  get empty() {
    return [this.number, this.expiry, this.code].every((field) => !field.value);
  }

  get complete() {
    return this.fields.every((field) => !field.problem);
  }

  get firstWrong() {
    return this.fields.find((field) => field.problem);
  }

  /** Show every problem, and name the first. */
  validate() {
    for (const field of this.fields) {
      field.show(field.problem);
    }
    const wrong = this.firstWrong;
    return wrong ? { error: { type: "validation_error", ...wrong.problem } } : {};
  }

  /** What the API calls `payment_method_data[card]`. */
  card() {
    const expiry = parseExpiry(this.expiry.value);
    return {
      number: digitsOf(this.number.value),
      exp_month: expiry?.month,
      exp_year: expiry?.year,
      cvc: this.code.value,
    };
  }

  /** What the API calls `payment_method_data[billing_details][address]`, as far as it was asked for here. */
  address() {
    return {
      ...(this.country.asked && { country: this.country.value }),
      ...(this.postalCode.asked && { postal_code: this.postalCode.value }),
    };
  }

  clear() {
    for (const field of [this.number, this.expiry, this.code]) {
      field.clear();
    }
    this.showBrand();
  }
}

/**
 * @param {string} value
 * @returns {import("./field.js").Problem | null}
 */
function postalCodeProblem(value) {
  return value.trim() ? null : { code: "incomplete_zip", message: "Your postal code is incomplete." };
}
