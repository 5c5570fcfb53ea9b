/** A strict reader of the XML that our charts are: elements, attributes in double quotes, texts. Throws where it is not well-formed. */

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

const token = /<\/([\w:]+)>|<([\w:]+)((?: [\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>|([^<]+)/y

export function parseXml(source: string): XmlElement {
  const top = { name: '', attributes: {}, children: [] as XmlElement[], text: '' }
  const open = [top]
  token.lastIndex = 0
  for (let at = 0; at < source.length; at = token.lastIndex) {
    const found = token.exec(source)
    if (found === null) throw new Error(`no XML at ${at}: ${source.slice(at, at + 60)}`)
    const [, closing, name, attributes = '', empty, content] = found
    const current = open.at(-1) as typeof top
    if (content !== undefined) current.text += unescaped(content)
    else if (closing !== undefined) {
      if (closing !== current.name) throw new Error(`</${closing}> ends <${current.name}>`)
      open.pop()
    } else {
      const child = { name: name as string, attributes: attributesOf(attributes), children: [], text: '' }
      current.children.push(child)
      if (empty === '') open.push(child)
    }
  }
  const [only] = top.children
  if (open.length !== 1 || only === undefined || top.children.length !== 1)
    throw new Error('not one element as a whole')
  return only
}

export function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element
  for (const child of element.children) yield* descendants(child)
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)])
  if (new Set(found.map(([name]) => name)).size !== found.length) throw new Error(`an attribute twice: ${text}`)
  return Object.fromEntries(found)
}

function unescaped(text: string): string {
  if (/&(?!(amp|lt|gt|quot);)/.test(text)) throw new Error(`an & that is none: ${text}`)
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
