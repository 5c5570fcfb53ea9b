/** A plugin of TypeDoc: modules are called as they are imported, and not as their files. */
import { Converter, ReflectionKind } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    reflection.name = reflection.name === 'index' ? 'rxweft' : `rxweft/${reflection.name}`
  })
}
