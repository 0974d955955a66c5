import { Converter, ReflectionKind } from "typedoc";

/**
 * Modules are called as their packages are, and a class shows what is its own: what it inherits stands with its parent. That a constructor
 * overrides its parent's goes without saying.
 */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.kindOf(ReflectionKind.Module)) reflection.name = reflection.name.replace(/\/dist$/, "");
      const isMember = reflection.kindOf(ReflectionKind.ClassMember);
      if (reflection.kindOf([ReflectionKind.Constructor, ReflectionKind.ConstructorSignature]))
        delete reflection.overwrites;
      if (isMember && reflection.inheritedFrom) project.removeReflection(reflection);
    }
  });
}
