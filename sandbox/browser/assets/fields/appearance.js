/** @typedef {{theme?: string, variables?: Record<string, string>}} Appearance */

/** Which custom property of the style sheet each documented variable sets. */
const PROPERTIES = {
  colorPrimary: "--primary",
  colorBackground: "--background",
  colorText: "--text",
  colorTextSecondary: "--text-secondary",
  colorTextPlaceholder: "--placeholder",
  colorDanger: "--danger",
  fontFamily: "--font",
  fontSizeBase: "--font-size",
  fontWeightMedium: "--label-weight",
  spacingUnit: "--spacing",
  gridRowSpacing: "--row-gap",
  gridColumnSpacing: "--column-gap",
  borderRadius: "--radius",
};

const THEMES = ["stripe", "night", "flat"];

/** @param {Appearance} appearance */
export function dress(appearance) {
  const root = document.documentElement;
  root.dataset.theme = THEMES.includes(appearance.theme ?? "") ? appearance.theme : "stripe";
  for (const [variable, property] of Object.entries(PROPERTIES)) {
    const value = appearance.variables?.[variable];
    if (value) {
      root.style.setProperty(property, value);
    } else {
      root.style.removeProperty(property);
    }
  }
}
