/** Reads what a topic of JSON objects holds, with a consumer in Java. */
import type { Java, JavaOptions } from './java.ts'

export type Row = Readonly<Record<string, string | number | null>>

/** Resolves to all rows in order. A key that a null deletes loses its rows: only where values hold their keys' columns. */
export async function rows(java: Java, flags: readonly string[], options: JavaOptions): Promise<readonly Row[]> {
  let all: Row[] = []
  const program = await java.start('Rows', flags, options, (line) => {
    if (!line.startsWith('-')) return void all.push(JSON.parse(line))
    const key = Object.entries(JSON.parse(line.slice(1)) as Row)
    all = all.filter((row) => key.some(([name, value]) => row[name] !== value))
  })
  const { code, signal, said } = await program.exit
  if (code !== 0) throw new Error(`the Java program Rows ended with ${signal ?? code}: ${said.trim()}`)
  return all
}
