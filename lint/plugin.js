const waiver = /\b(?:oxlint|eslint)-(?:disable|enable)|@ts-(?:ignore|expect-error|nocheck)\b/

const noWaivers = {
  meta: { type: 'problem', docs: { description: 'A rule that can be waived by a comment is no rule.' } },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        const found = waiver.exec(comment.value)
        if (found)
          context.report({ node: comment, message: `no waivers: mend the code instead of writing ${found[0]}` })
      }
    },
  }),
}

export default { meta: { name: 'dogwatch' }, rules: { 'no-waivers': noWaivers } }
