-- A link at every section heading to the same section of the other edition, for both renderers. It stands after the
-- heading and not in it, so that neither the contents nor the heading's name repeat it.

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

function Pandoc(doc)
  local links = {}
  for _, edition in ipairs(doc.meta.editions or {}) do
    if edition.href then
      local function word(key) return escape(pandoc.utils.stringify(edition[key])) end
      table.insert(links, ('<a href="%s#%%s" hreflang="%s" lang="%s">%s<span class="unseen">, %s</span></a>'):format(
        word("href"), word("lang"), word("lang"), word("name"), word("place")))
    end
  end
  if #links == 0 then return doc end
  doc.blocks = doc.blocks:walk({ Header = function(header)
    if not header.identifier:match("^sec%-") then return end
    local id = escape(header.identifier)
    local shown = {}
    for _, link in ipairs(links) do table.insert(shown, (link:gsub("%%s", function() return id end))) end
    return {
      pandoc.RawBlock("html", '<div class="head">'),
      header,
      pandoc.RawBlock("html", '<p class="switch">' .. table.concat(shown, " ") .. "</p></div>"),
    }
  end })
  return doc
end
