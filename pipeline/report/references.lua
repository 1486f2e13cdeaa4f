-- The language of each entry of the bibliography: that of its title where it is known (`langid`), else English.
-- pandoc runs this after the citations, for the built-in renderer.

local function spoken(language)
  return (language or "en"):match("^%a+")
end

function Pandoc(doc)
  local page = spoken(pandoc.utils.stringify(doc.meta.lang or "en"))
  local of = {}
  for _, reference in ipairs(pandoc.utils.references(doc)) do
    of["ref-" .. reference.id] = spoken(reference.language and pandoc.utils.stringify(reference.language))
  end
  doc.blocks = doc.blocks:walk({ Div = function(div)
    local language = of[div.identifier]
    if language and language ~= page then
      div.attributes.lang = language
      return div
    end
  end })
  return doc
end
