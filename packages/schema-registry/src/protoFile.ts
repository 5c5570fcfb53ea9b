/** Compiled .proto files, with their messages by index. */
import protobuf from 'protobufjs'
import type { ReferencedSchema } from './registeredSchema.ts'

export interface ProtoFile {
  /**
   * By full name, without a leading dot; undefined: the first of the file. Throws where there is
   * none.
   */
  message(name: string | undefined): protobuf.Type
  /** Throws where there is none. */
  at(indexes: readonly number[]): protobuf.Type
  indexesOf(message: protobuf.Type): readonly number[]
}

/**
 * Compiles a file. Throws if it is not a .proto, or imports a file that is not in the references;
 * those of google/protobuf are known.
 */
export function protoFile(schema: string, references: readonly ReferencedSchema[]): ProtoFile {
  const root = new protobuf.Root()
  const file = protobuf.parse(schema, root, options)
  // Before the others come in: all that is there now is of this file.
  const first = namespaceOf(root, file.package)
  const messages = messagesIn(first)
  importAll(root, [...(file.imports ?? []), ...(file.weakImports ?? [])], references)
  root.resolveAll()

  function at(indexes: readonly number[]): protobuf.Type {
    const [top = -1, ...within] = indexes
    const found = within.reduce<protobuf.Type | undefined>(
      (message, index) => message && messagesIn(message)[index],
      messages[top],
    )
    if (found === undefined) throw new TypeError(`the schema has no message ${indexes.join('.')}`)
    return found
  }

  return {
    at,
    message(name) {
      const found = name === undefined ? messages[0] : root.lookup(name, [protobuf.Type])
      if (found instanceof protobuf.Type) return found
      throw new TypeError(name === undefined ? 'the schema has no message' : `the schema has no message ${name}`)
    },
    indexesOf(message) {
      const { parent } = message
      const [siblings, before] =
        parent instanceof protobuf.Type ? [messagesIn(parent), this.indexesOf(parent)] : [messages, []]
      const index = siblings.indexOf(message)
      if (index < 0)
        throw new TypeError(`${message.fullName.slice(1)} is not a message of this file, but of one that it imports`)
      return [...before, index]
    },
  }
}

const options = { keepCase: true, alternateCommentMode: false }

function namespaceOf(root: protobuf.Root, name: string | null | undefined): protobuf.NamespaceBase {
  return name ? ((root.lookup(name) as protobuf.Namespace | null) ?? root) : root
}

/** Messages in the order of the file. */
function messagesIn(namespace: protobuf.NamespaceBase): readonly protobuf.Type[] {
  return namespace.nestedArray.filter((found) => found instanceof protobuf.Type)
}

function importAll(root: protobuf.Root, names: readonly string[], references: readonly ReferencedSchema[]): void {
  const done = new Set<string>()
  const left = [...names]
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (done.has(name)) continue
    done.add(name)
    const common = protobuf.common.get(name)
    const referenced = references.find((one) => one.name === name)
    if (referenced !== undefined) left.push(...(protobuf.parse(referenced.schema, root, options).imports ?? []))
    else if (common?.nested) root.addJSON(common.nested)
    else throw new TypeError(`the schema imports ${name}, which is not among its references`)
  }
}
