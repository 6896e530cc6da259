import { digitsOf } from "./card_number.js";

const UNTIL_CLICKED_MS = 250;

/** @typedef {{code: string, message: string}} Problem */
/**
 * @typedef {object} FieldRules
 * @property {(typed: string, deleting: boolean) => string} format
 * @property {(value: string) => Problem | null} problem
 */

/** One labelled input with its own message below. It complains only after the shopper has left it. */
export class Field {
  /**
   * @param {string} name the input's id; its message is `<name>-error`
   * @param {FieldRules} rules
   */
  constructor(name, rules) {
    this.input = /** @type {HTMLInputElement | HTMLSelectElement} */ (document.getElementById(name));
    this.message = /** @type {HTMLElement} */ (document.getElementById(`${name}-error`));
    this.box = /** @type {HTMLElement} */ (this.input.closest(".field"));
    this.rules = rules;
    this.input.addEventListener("input", (event) => this.typed(/** @type {InputEvent} */ (event)));
    this.input.addEventListener("blur", () => this.left());
  }

  get value() {
    return this.input.value;
  }

  get asked() {
    return !this.box.hidden;
  }

  /** @returns {Problem | null} */
  get problem() {
    return this.asked ? this.rules.problem(this.value) : null;
  }

  /** @param {InputEvent} event */
  typed(event) {
    const { input } = this;
    if (input instanceof HTMLInputElement) {
      reformat(input, (text) => this.rules.format(text, event.inputType?.startsWith("delete") ?? false));
    }
    if (!this.problem) {
      this.show(null);
    }
  }

  /** Complain a moment later: a message moves what lies below it away from under the click that left the field. */
  left() {
    setTimeout(() => {
      if (this.value && document.activeElement !== this.input) {
        this.show(this.problem);
      }
    }, UNTIL_CLICKED_MS);
  }

  /** @param {Problem | null} problem */
  show(problem) {
    this.message.textContent = problem?.message ?? "";
    if (problem) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", this.message.id);
    } else {
      this.input.removeAttribute("aria-invalid");
      this.input.removeAttribute("aria-describedby");
    }
  }

  clear() {
    this.input.value = "";
    this.show(null);
  }
}

/**
 * Format what was typed and leave the caret behind the same digit.
 * @param {HTMLInputElement} input
 * @param {(text: string) => string} format
 */
function reformat(input, format) {
  const caret = input.selectionStart ?? input.value.length;
  const atEnd = caret === input.value.length;
  const digitsBefore = digitsOf(input.value.slice(0, caret)).length;
  const formatted = format(input.value);
  if (formatted === input.value) {
    return;
  }
  input.value = formatted;
  const place = atEnd ? formatted.length : placeBehind(formatted, digitsBefore);
  input.setSelectionRange(place, place);
}

/**
 * @param {string} text
 * @param {number} digits
 */
function placeBehind(text, digits) {
  let seen = 0;
  for (let place = 0; place < text.length; place += 1) {
    if (seen === digits) {
      return place;
    }
    seen += /\d/.test(text.charAt(place)) ? 1 : 0;
  }
  return text.length;
}
