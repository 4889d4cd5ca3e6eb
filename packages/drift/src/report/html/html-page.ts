import { markup, type Markup } from '../markup.ts'
import { STYLE } from './style.ts'

/** A page of these parts, without scripts and with nothing to fetch. */
export function htmlPage(title: string, parts: readonly Markup[]): string {
  const lines = [
    markup`<!doctype html>`,
    markup`
      <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width,initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>${title}</title>
          <style>${{ markup: STYLE }}</style>
        </head>
    `,
    markup`<body><main>`,
    ...parts,
    markup`</main></body></html>`,
  ]
  return lines.map((line) => `${line.markup}\n`).join('')
}
