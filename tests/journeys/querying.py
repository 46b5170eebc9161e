"""How a person writes a statement into the query builder and runs it."""

from playwright.sync_api import Page, expect


def write(page: Page, sql: str) -> None:
    """Into the editor, which comes as soon as somebody stirs, over what stands there."""
    page.locator("#query_run").hover()
    editor = page.locator("#query_editor .ace_content")
    expect(editor).to_be_visible()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)


def run(page: Page, sql: str) -> None:
    write(page, sql)
    page.keyboard.press("Control+Enter")


def run_early(page: Page, sql: str) -> None:
    """In the text that the editor takes over later."""
    page.locator("#query_sql").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)
    page.keyboard.press("Control+Enter")
