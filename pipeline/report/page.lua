-- What Quarto adds to Markdown, for the built-in renderer: numbered figures and tables, references to them, callouts
-- and tabsets. pandoc runs it before the citations, so that @fig-x is a reference here and not an unknown source.
-- The words and the order of the numbers are Quarto's: "Figure 1", "Table 1", "Section 1", each counted in the order
-- of the page. The metadata `numbered` and `callouts` bring them in another language. Quarto itself never runs this file.

local NAMES = { fig = "Figure", tbl = "Table", sec = "Section" }
local CALLOUTS = { note = "Note", tip = "Tip", warning = "Warning", caution = "Caution", important = "Important" }
local NBSP = "\u{a0}"

local numbers = {} -- label -> number as text
local counts = { fig = 0, tbl = 0 }
local tabsets = 0

local function kind_of(label)
  local kind = label:match("^(%l+)%-.")
  return NAMES[kind] and kind or nil
end

local function register(label, number)
  if numbers[label] then
    error("the label " .. label .. " stands twice in the document")
  end
  numbers[label] = number
end

local function html(text)
  return pandoc.RawBlock("html", text)
end

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

-- Sections are counted as pandoc counts them: relative to the highest level used, unnumbered ones left out.
local function count_sections(blocks)
  local top = 7
  blocks:walk({ Header = function(header)
    if not header.classes:includes("unnumbered") then top = math.min(top, header.level) end
  end })
  local counter = {}
  blocks:walk({ traverse = "topdown", Header = function(header)
    if header.classes:includes("unnumbered") then return end
    local depth = header.level - top + 1
    for level = 1, depth do counter[level] = counter[level] or 0 end
    counter[depth] = counter[depth] + 1
    for level = depth + 1, #counter do counter[level] = nil end
    if kind_of(header.identifier) == "sec" then
      register(header.identifier, table.concat(counter, ".", 1, depth))
    end
  end })
end

-- <figure> with the numbered caption first: the finding is read before the chart.
local function float(label, caption, content)
  local kind = kind_of(label)
  counts[kind] = counts[kind] + 1
  register(label, tostring(counts[kind]))
  local id = escape(label)
  local title = pandoc.Inlines({ pandoc.Str(NAMES[kind] .. NBSP .. numbers[label] .. ":"), pandoc.Space() })
  title:extend(caption)
  local blocks = pandoc.Blocks({
    html(('<figure id="%s" class="quarto-float quarto-float-%s figure">'):format(id, kind)),
    html(('<figcaption id="%s-caption" class="quarto-float-caption quarto-float-%s">'):format(id, kind)),
    pandoc.Plain(title),
    html("</figcaption>"),
  })
  blocks:extend(content)
  blocks:insert(html("</figure>"))
  return blocks
end

local function numbered_div(div)
  local content = div.content:clone()
  local last = content[#content]
  if last == nil or (last.t ~= "Para" and last.t ~= "Plain") or #content < 2 then
    error("the block #" .. div.identifier .. " has no caption: its last paragraph is the caption")
  end
  content:remove(#content)
  return float(div.identifier, last.content, content)
end

local function callout(div, kind)
  local title = pandoc.Inlines(div.attributes.title or CALLOUTS[kind])
  local content = div.content:clone()
  if div.attributes.title == nil and content[1] ~= nil and content[1].t == "Header" then
    title = content[1].content
    content:remove(1)
  end
  local blocks = pandoc.Blocks({ pandoc.Div(pandoc.Plain(title), pandoc.Attr("", { "callout-title" })) })
  blocks:insert(pandoc.Div(content, pandoc.Attr("", { "callout-body" })))
  return pandoc.Div(blocks, pandoc.Attr(div.identifier, { "callout", "callout-" .. kind }, { role = "note" }))
end

-- A tabset without script: one <details> a tab, of which the browser keeps one open.
local function tabset(div)
  local level
  for _, block in ipairs(div.content) do
    if block.t == "Header" then level = math.min(level or 7, block.level) end
  end
  if level == nil then error("a .panel-tabset has no headings: each heading is a tab") end
  tabsets = tabsets + 1
  local blocks, open = pandoc.Blocks({ html('<div class="panel-tabset">') }), false
  for _, block in ipairs(div.content) do
    if block.t == "Header" and block.level == level then
      if open then blocks:insert(html("</div></details>")) end
      blocks:insert(html(('<details name="tabset-%d"%s><summary>'):format(tabsets, open and "" or " open")))
      blocks:insert(pandoc.Plain(block.content))
      blocks:insert(html('</summary><div class="tab-content">'))
      open = true
    elseif open then
      blocks:insert(block)
    else
      error("a .panel-tabset begins with a heading")
    end
  end
  blocks:insert(html("</div></details></div>"))
  return blocks
end

local function callout_kind(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(%l+)$")
    if kind and CALLOUTS[kind] then return kind end
  end
end

local function implicit_figure(figure)
  if kind_of(figure.identifier) ~= "fig" then return end
  local caption = figure.caption.long[1]
  return float(figure.identifier, caption and caption.content or {}, figure.content)
end

local function reference(cite)
  local inlines = pandoc.Inlines({})
  for index, citation in ipairs(cite.citations) do
    local kind = kind_of(citation.id)
    if kind == nil then
      if #inlines > 0 then error("a reference and a citation stand in one pair of brackets: @" .. citation.id) end
      return nil
    end
    local number = numbers[citation.id]
    if number == nil then error("unresolved reference ?@" .. citation.id) end
    if index > 1 then inlines:extend({ pandoc.Str(","), pandoc.Space() }) end
    local text = pandoc.Inlines({})
    if #citation.prefix > 0 then
      text:extend(citation.prefix)
      text:insert(pandoc.Str(NBSP))
    elseif citation.mode ~= "SuppressAuthor" then
      text:insert(pandoc.Str(NAMES[kind] .. NBSP))
    end
    text:insert(pandoc.Str(number))
    inlines:insert(pandoc.Link(text, "#" .. citation.id, "", pandoc.Attr("", { "quarto-xref" })))
  end
  return inlines
end

local function take_words(meta)
  for key, words in pairs({ numbered = NAMES, callouts = CALLOUTS }) do
    for kind, word in pairs(meta[key] or {}) do words[kind] = pandoc.utils.stringify(word) end
    meta[key] = nil
  end
end

function Pandoc(doc)
  take_words(doc.meta)
  -- Tabs first: their headings are labels and take no section number.
  local blocks = doc.blocks:walk({ Div = function(div)
    if div.classes:includes("panel-tabset") then return tabset(div) end
  end })
  count_sections(blocks)
  blocks = blocks:walk({
    traverse = "topdown",
    Div = function(div)
      local kind = kind_of(div.identifier)
      if kind == "fig" or kind == "tbl" then return numbered_div(div) end
      local shown = callout_kind(div)
      if shown then return callout(div, shown) end
    end,
    Figure = implicit_figure,
  })
  doc.blocks = blocks:walk({ Cite = reference })
  return doc
end
