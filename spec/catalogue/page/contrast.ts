import type {Page} from 'playwright-core';

/** How many texts a page shows, and those that are hard to read, each with its contrast (WCAG 2.2, 1.4.3: at least 4.5). */
export interface Visibility {
  readonly texts: number;
  readonly poor: readonly string[];
}

interface Style {
  readonly color: string;
  readonly backgroundColor: string;
}

interface Shown {
  readonly innerText: string;
  readonly parentElement: Shown | null;
  readonly childNodes: Iterable<{readonly nodeType: number; readonly textContent: string}>;
  checkVisibility(): boolean;
}

/** Looks at every text of a page against what is behind it. */
export async function poorlyVisible(page: Page): Promise<Visibility> {
  const colours = await page.locator('body *').evaluateAll((elements) => {
    const {getComputedStyle} = globalThis as unknown as {getComputedStyle(element: Shown): Style};
    return (elements as unknown as Shown[]).flatMap((element) => {
      const own = [...element.childNodes].filter(({nodeType}) => nodeType === 3).map(({textContent}) => textContent).join('').trim();
      if (own === '' || !element.checkVisibility()) return [];
      let behind: Shown | null = element;
      while (behind !== null && getComputedStyle(behind).backgroundColor.endsWith(', 0)')) behind = behind.parentElement;
      const ground = behind === null ? 'rgb(255, 255, 255)' : getComputedStyle(behind).backgroundColor;
      return [[own.slice(0, 30), getComputedStyle(element).color, ground] as const];
    });
  });
  const poor = colours.map(([text, ink, ground]) => [`${text}: ${ink} on ${ground}`, contrast(ink, ground)] as const)
    .filter(([, ratio]) => !(ratio >= 4.5));
  return {texts: colours.length, poor: poor.map(([text, ratio]) => `${text} = ${ratio.toFixed(2)}`)};
}

/** The contrast of two colours written as `rgb(…)` (WCAG 2.2); NaN for what is not opaque. */
export function contrast(one: string, other: string): number {
  const [dark = NaN, light = NaN] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const parts = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1) ?? [];
  const [red = NaN, green = NaN, blue = NaN] = parts.map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
