/**
 * A plugin of TypeDoc. Modules are called as they are imported, and not as their files. Indented blocks in docs, such as
 * marble pictures, become fenced ones: TypeDoc takes everything else for prose, and escapes it.
 */
import { Converter, ReflectionKind } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    reflection.name = reflection.name === 'index' ? 'rxweft' : `rxweft/${reflection.name}`
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const { comment } of Object.values(project.reflections)) {
      if (comment === undefined) continue
      comment.summary = comment.summary.flatMap(fenced)
      for (const tag of comment.blockTags) tag.content = tag.content.flatMap(fenced)
    }
  })
}

/** Four spaces after an empty line, up to the next line that has less. */
const indented = /(?:^|\n\n)((?: {4}[^\n]*(?:\n|$)(?:\n(?= {4}))*)+)/g

function fenced(part) {
  if (part.kind !== 'text') return [part]
  const parts = []
  let from = 0
  for (const found of part.text.matchAll(indented)) {
    parts.push({ kind: 'text', text: `${part.text.slice(from, found.index)}\n\n` })
    parts.push({ kind: 'code', text: `\`\`\`text\n${found[1].replaceAll(/^ {4}/gm, '').trimEnd()}\n\`\`\`` })
    parts.push({ kind: 'text', text: '\n\n' })
    from = found.index + found[0].length
  }
  return [...parts, { kind: 'text', text: part.text.slice(from) }]
}
