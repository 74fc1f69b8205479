"""How our letters look where the reader's program has a mind of its own.

Gmail drops <style> of long or forwarded letters, Outlook draws with Word, phones turn colours
round: so every rule is written onto its element, in properties all of them know, and a letter
without any of it still reads well. Colours are left to the reader but for lines and quotations.
"""

STYLES = """
body { margin: 0; padding: 0; }
.letter { font-family: -apple-system, "Segoe UI", Roboto, Arial, sans-serif; font-size: 15px; line-height: 1.5; text-align: left; overflow-wrap: break-word; word-wrap: break-word; }
.letter p { margin: 0 0 12px 0; }
.letter h2, .letter h3, .letter h4 { margin: 16px 0 8px 0; font-size: 16px; line-height: 1.4; }
.letter ul, .letter ol { margin: 0 0 12px 0; padding: 0 0 0 24px; }
.letter li { margin: 0 0 4px 0; }
.letter li p { margin: 0; }
.letter blockquote { margin: 0 0 12px 0; padding: 0 0 0 12px; border-left: 3px solid #b8c2c7; color: #5b6770; }
.letter pre { margin: 0 0 12px 0; padding: 8px 12px; background-color: #f2f5f6; color: #24303a; font-family: Consolas, Menlo, monospace; font-size: 13px; white-space: pre-wrap; }
.letter code { padding: 1px 4px; background-color: #f2f5f6; color: #24303a; font-family: Consolas, Menlo, monospace; font-size: 13px; }
.letter pre code { padding: 0; }
.letter hr { margin: 16px 0; border: 0; border-top: 1px solid #b8c2c7; height: 0; }
.letter img { max-width: 100%; height: auto; border: 0; }
.letter a { color: #0b5c73; text-decoration: underline; }
.letter table { margin: 0 0 12px 0; border-collapse: collapse; }
.letter th, .letter td { padding: 4px 10px; border: 1px solid #b8c2c7; text-align: left; vertical-align: top; }
.letter th { font-weight: bold; background-color: #f2f5f6; color: #24303a; }
.letter td p, .letter th p { margin: 0; }
.letter mark { background-color: #fdf0c4; color: #24303a; }
"""  # noqa: E501  one rule a line
