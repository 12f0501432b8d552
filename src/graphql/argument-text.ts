import { badInput } from './fault.ts';

/**
 * Refuses text that no store and no hash has one form for: a lone surrogate, which UTF-8 cannot say, and NUL, which PostgreSQL's text
 * cannot hold. Everything here was sent by somebody. Names the place, never the text.
 */
export function checkTexts(value: unknown, path = ''): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed() || value.includes('\u0000')) throw badInput(path, 'holds a lone surrogate or NUL');
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkTexts(item, `${path}[${i}]`);
    return;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) checkTexts(item, path === '' ? key : `${path}.${key}`);
  }
}
