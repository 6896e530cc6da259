import { digitsOf } from "./card_number.js";

const INCOMPLETE = { code: "incomplete_expiry", message: "Your card's expiration date is incomplete." };
const BAD_MONTH = { code: "invalid_expiry_month", message: "Your card's expiration month is invalid." };
const PAST_YEAR = { code: "invalid_expiry_year_past", message: "Your card's expiration year is in the past." };
const PAST_MONTH = { code: "invalid_expiry_month_past", message: "Your card's expiration date is in the past." };
const FAR_YEAR = { code: "invalid_expiry_year", message: "Your card's expiration year is invalid." };
const YEARS_AHEAD = 50;

/**
 * "MM / YY", with a slash as soon as the month is whole; a year of four digits may be pasted.
 * @param {string} typed
 * @param {boolean} [deleting] leave the slash away, so that it can be deleted
 */
export function formatExpiry(typed, deleting = false) {
  const digits = monthFirst(typed);
  const year = digits.slice(2, digits.slice(2, 4) === "20" ? 6 : 4);
  if (digits.length < 2 || (deleting && !year)) {
    return digits;
  }
  return `${digits.slice(0, 2)} / ${year}`;
}

/** @param {string} typed */
function monthFirst(typed) {
  const padded = typed.replace(/^\s*(\d)\s*\//, "0$1/");
  const digits = digitsOf(padded);
  return /^[2-9]/.test(digits) ? `0${digits}` : digits;
}

/**
 * @param {string} text as formatted
 * @returns {{month: number, year: number} | null} null while it is incomplete
 */
export function parseExpiry(text) {
  const digits = digitsOf(text);
  if (digits.length !== 4 && digits.length !== 6) {
    return null;
  }
  const year = Number(digits.slice(2));
  return { month: Number(digits.slice(0, 2)), year: year < 100 ? 2000 + year : year };
}

/**
 * @param {string} text
 * @param {Date} [today]
 * @returns {import("./field.js").Problem | null}
 */
export function expiryProblem(text, today = new Date()) {
  const expiry = parseExpiry(text);
  if (!expiry) {
    return INCOMPLETE;
  }
  const thisYear = today.getFullYear();
  if (expiry.month < 1 || expiry.month > 12) {
    return BAD_MONTH;
  }
  if (expiry.year < thisYear) {
    return PAST_YEAR;
  }
  if (expiry.year > thisYear + YEARS_AHEAD) {
    return FAR_YEAR;
  }
  return expiry.year === thisYear && expiry.month <= today.getMonth() ? PAST_MONTH : null;
}
