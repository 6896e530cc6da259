/**
 * @typedef {object} Brand
 * @property {string} name
 * @property {RegExp} prefix of the numbers
 * @property {number[]} lengths of a whole number
 * @property {number} codeLength of the security code
 */

const SIXTEEN = [16];

/** @type {Brand[]} */
const BRANDS = [
  { name: "American Express", prefix: /^3[47]/, lengths: [15], codeLength: 4 },
  { name: "Diners Club", prefix: /^3(0[0-5]|[689])/, lengths: [14, 16], codeLength: 3 },
  { name: "JCB", prefix: /^35/, lengths: SIXTEEN, codeLength: 3 },
  { name: "Visa", prefix: /^4/, lengths: SIXTEEN, codeLength: 3 },
  { name: "Mastercard", prefix: /^(5[1-5]|2[2-7])/, lengths: SIXTEEN, codeLength: 3 },
  { name: "Discover", prefix: /^6(011|4[4-9]|5)/, lengths: SIXTEEN, codeLength: 3 },
  { name: "UnionPay", prefix: /^62/, lengths: [16, 17, 18, 19], codeLength: 3 },
];

/** @type {Brand} */
const UNKNOWN = { name: "", prefix: /^/, lengths: SIXTEEN, codeLength: 3 };

/**
 * @param {string} text
 * @returns {string} the text's digits
 */
export function digitsOf(text) {
  return text.replace(/\D/g, "");
}

/**
 * @param {string} number as typed
 * @returns {Brand}
 */
export function brandOf(number) {
  const digits = digitsOf(number);
  return BRANDS.find((brand) => brand.prefix.test(digits)) ?? UNKNOWN;
}

/**
 * In groups, as on the card.
 * @param {string} typed
 */
export function formatNumber(typed) {
  const brand = brandOf(typed);
  const digits = digitsOf(typed).slice(0, Math.max(...brand.lengths));
  const groups = brand.lengths[0] === 16 ? /(\d{4})(?=\d)/g : /^(\d{4})(\d{1,6})?(\d+)?/;
  if (brand.lengths[0] === 16) {
    return digits.replace(groups, "$1 ");
  }
  return digits.replace(groups, (_, ...parts) => parts.slice(0, 3).filter(Boolean).join(" "));
}

/**
 * @param {string} number as typed
 * @returns {import("./field.js").Problem | null}
 */
export function numberProblem(number) {
  const digits = digitsOf(number);
  const { lengths } = brandOf(digits);
  if (digits.length < Math.min(...lengths)) {
    return { code: "incomplete_number", message: "Your card number is incomplete." };
  }
  if (!lengths.includes(digits.length) || !passesLuhn(digits)) {
    return { code: "invalid_number", message: "Your card number is invalid." };
  }
  return null;
}

/**
 * The check digit of ISO/IEC 7812-1, annex B.
 * @param {string} digits
 */
export function passesLuhn(digits) {
  const sum = [...digits].reverse().reduce((total, digit, position) => {
    const value = Number(digit) * (position % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
