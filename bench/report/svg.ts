/** The few elements of SVG that charts need, as text. Colours do on white and on black; those of texts follow the reader's system. */

export type Attributes = Readonly<Record<string, string | number>>

export function element(name: string, attributes: Attributes, inside = ''): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(rounded(value)))}"`)
  return inside === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${inside}</${name}>`
}

export function text(content: string, x: number, y: number, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(content))
}

const style = `
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; font-size: 15px; fill: #24292f }
.small { font-size: 11px }
.ours { fill: #2f81f7 }
.other { fill: #8c959f }
.faint { fill: #2f81f7; opacity: .45 }
.pale { fill: #8c959f; opacity: .45 }
.axis { stroke: #8c959f; stroke-opacity: .4 }
.range { stroke: #8250df; stroke-width: 2 }
.curve { stroke: #2f81f7; stroke-width: 2; fill: none }
.limit { stroke: #cf222e; stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) { text { fill: #9198a1 } .title { fill: #e6edf3 } .range { stroke: #d2a8ff } }
`

export function picture(width: number, height: number, description: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
  }
  const inside = [element('title', {}, escaped(description)), element('style', {}, style), ...parts]
  return `${element('svg', attributes, `\n${inside.join('\n')}\n`)}\n`
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** A tenth of a pixel is enough, and the files stay small. */
function rounded(value: string | number): string | number {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value
}
