"""How a person writes a statement into the query builder and runs it."""

from playwright.sync_api import Page


def write(page: Page, sql: str) -> None:
    """As a person does: into the editor, or where it is not here yet into the text, over what stands there."""
    page.locator(":is(#query_sql, #query_editor .ace_content):visible").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)


def run(page: Page, sql: str) -> None:
    write(page, sql)
    page.keyboard.press("Control+Enter")
