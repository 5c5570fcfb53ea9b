/**
 * Elements, each as one word: `a@3` a record and its timestamp, `1` a barrier, `W7` a watermark.
 */
import type { StreamElement } from '../../src/element.ts'

export function told(elements: readonly StreamElement<unknown>[]): string {
  return elements.flatMap(word).join(' ')
}

function word(element: StreamElement<unknown>): readonly string[] {
  switch (element.kind) {
    case 'record':
      return [
        `${typeof element.value === 'string' ? element.value : JSON.stringify(element.value)}@${element.timestamp}`,
      ]
    case 'barrier':
      return [String(element.checkpoint)]
    case 'watermark':
      return [`W${element.timestamp}`]
    case 'idle':
      return ['idle']
    case 'restore':
      return []
  }
}
