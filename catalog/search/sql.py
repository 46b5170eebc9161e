"""The SQL that searches products, in parts that statement.py puts together.

Each list is bounded before anything is ranked, so that a word that a tenth of all products have costs no more than
another: see OF_TERM.
"""

from __future__ import annotations

from .folding import parted_sql

CANDIDATES = 60
AMONG = 2 * CANDIDATES  # the index over the vectors chooses the nearest from so many
# Of so many products that have a word (in their name; where these are fewer, anywhere), or all words (in their name;
# anywhere), the ranks are computed.
OF_TERM, OF_TERMS = 150, 450  # where there are more than three words, these share the latter
OF_ALL_IN_NAME, OF_ALL = 100, 300
# Where fewer products than this fit the filters, each of them is compared, and the index over the vectors is not asked:
# among the nearest of all it hardly meets one that fits, and gives up.
EXACT_BELOW = 50_000
# Of so few the keys are fetched first: no part of the statement has to look for them again.
FEW = 2_000
# So many products, about, are looked at to see whether that index has missed some.
SAMPLED = 1_000
# (None), description, category and tags, name.
WEIGHTS = "{0.1, 0.2, 0.6, 1.0}"
# What a word is taken for, as a part of the word.
GUESSED = 0.7
# What is added to the score: an SKU that is typed whole counts more than any words, its beginning as much as all of
# them; what is no word in any text, but a part of an SKU, more than them. A name that has these words and no others
# counts more than where words stand and what they mean.
WHOLE_KEY, KEY_BEGUN, PART_OF_KEY = 10.0, 1.0, 2.0
WHOLE_NAME = 5.0
# So many products are counted, and no more.
COUNTED = 1_000
# Pieces between signs that no text of the shop holds.
MARKS = 'StartSel="\x01", StopSel="\x02"'
HIGHLIGHT = f'{MARKS}, MaxFragments=2, MaxWords=20, MinWords=15, FragmentDelimiter="\x03"'

NO_NEAR = "SELECT NULL::bigint AS product_id, 0 AS place, 0.0::float8 AS similarity WHERE false"
NO_WORDS = """
text AS (
    SELECT NULL::bigint AS product_id, 0::bigint AS place, 0::bigint AS own_place, 0.0::float8 AS score,
        0.0::float8 AS share, 0.0::float8 AS key, 0.0::float8 AS whole_name WHERE false
)"""
# The share of the words that a product has, rare ones counting more, decides; where in it they stand comes next.
WORDS = """
terms AS MATERIALIZED (
    SELECT place, query, trust FROM (VALUES {terms}) AS given (place, query, trust) WHERE numnode(query) > 0
),
of_term AS MATERIALIZED (
    SELECT DISTINCT place, product_id FROM terms CROSS JOIN LATERAL (
        WITH in_name AS MATERIALIZED (
            SELECT s.product_id FROM product_search AS s
            WHERE ts_filter(s.document, '{{a}}') @@ terms.query{fits} LIMIT {OF_TERM}
        )
        SELECT product_id FROM in_name
        UNION ALL
        (SELECT s.product_id FROM product_search AS s
            WHERE (SELECT count(*) FROM in_name) < {OF_TERM} AND s.document @@ terms.query{fits} LIMIT {OF_TERM})
    ) AS found
),
of_all AS MATERIALIZED (
    (SELECT s.product_id FROM product_search AS s
        WHERE ts_filter(s.document, '{{a}}') @@ ({every}){fits} LIMIT {OF_ALL_IN_NAME})
    UNION ALL
    (SELECT s.product_id FROM product_search AS s WHERE s.document @@ ({every}){fits} LIMIT {OF_ALL})
),
keys AS MATERIALIZED ({keys}),
named AS MATERIALIZED (
    SELECT s.product_id FROM products AS n JOIN product_search AS s USING (product_id)
    WHERE n.name = ANY (%(names)s){fits} LIMIT {OF_ALL_IN_NAME}
),
weights AS MATERIALIZED (
    SELECT place, trust, 1 / (1 + ln(1 + least(
        {OF_TERM}, (SELECT count(*) FROM of_term WHERE of_term.place = terms.place)
    ))) AS weight FROM terms
),
weighed AS MATERIALIZED (
    SELECT s.product_id, has_words, s.document,
        coalesce((SELECT sum(key) FROM keys WHERE keys.product_id = s.product_id), 0)::float8 AS key,
        coalesce(({had}) / (SELECT sum(weight) FROM weights), 0) AS share
    FROM (
        SELECT product_id, bool_or(has_words) AS has_words FROM (
            SELECT product_id, true AS has_words FROM of_term UNION ALL SELECT product_id, true FROM of_all
            UNION ALL SELECT product_id, true FROM keys UNION ALL SELECT product_id, true FROM named
            UNION ALL SELECT product_id, false FROM meaning
        ) AS listed GROUP BY product_id
    ) AS candidates JOIN product_search AS s USING (product_id)
),
scored AS MATERIALIZED (
    SELECT product_id, has_words, key, whole_name, share,
        key + whole_name + share + 0.5 * ts_rank('{WEIGHTS}', document, {any}, 1) AS score
    FROM weighed CROSS JOIN LATERAL (
        SELECT CASE WHEN share > 0.999 AND ts_filter(document, '{{a}}') @@ ({every})
            AND length(ts_filter(document, '{{a}}')) = length(to_tsvector('english', %(text)s))
            THEN {WHOLE_NAME} ELSE 0 END::float8 AS whole_name
    ) AS naming WHERE key + share > 0
),
text AS (
    SELECT *, row_number() OVER (ORDER BY score DESC, product_id) AS place, CASE WHEN has_words THEN
        row_number() OVER (PARTITION BY has_words ORDER BY score DESC, product_id) END AS own_place
    FROM scored
)"""
# Term by term, for a look at a list of them would be taken anew for each product.
HAD = "CASE WHEN s.document @@ {query} THEN (SELECT trust * weight FROM weights WHERE place = {place}) ELSE 0 END"
KEYS = """
    (SELECT s.product_id, CASE WHEN s.sku = {key} THEN {WHOLE_KEY} ELSE {begun} END AS key
    FROM product_search AS s
    WHERE s.sku >= {key} AND s.sku < {key} || chr(1114111){fits} ORDER BY s.sku LIMIT %(candidates)s)"""
PARTS_OF_KEYS = """
    (SELECT s.product_id, {PART_OF_KEY} AS key FROM product_search AS s
    WHERE s.sku LIKE {pattern} AND NOT starts_with(s.sku, {key}){fits} ORDER BY s.sku LIMIT %(candidates)s)"""
NO_KEYS = "SELECT NULL::bigint AS product_id, 0.0::float8 AS key WHERE false"
# The index gives the nearest in their order; behind OFFSET 0 all that fit are compared. What has nothing in common
# with the question is not near, only less far.
MEANING = """
    SELECT product_id, row_number() OVER (ORDER BY distance, product_id) AS place, 1 - distance AS similarity
    FROM ({near}) AS near WHERE 1 - distance >= %(alike_from)s"""
BY_INDEX_ALONE = """
        SELECT v.product_id, {distance} AS distance FROM product_vectors AS v WHERE v.model = %(model)s{fits}
        ORDER BY {distance} LIMIT %(candidates)s"""
ALL_COMPARED = """
        SELECT * FROM (
            SELECT v.product_id, {distance} AS distance FROM product_vectors AS v
            WHERE v.model = %(model)s{fits} OFFSET 0
        ) AS compared ORDER BY distance LIMIT %(candidates)s"""
# An index over vectors loses its way now and then: short questions lie aside of all products, and the way down from its
# upper layers ends among the wrong ones. A product of a sample that is nearer than the tenth it found, and not among
# those it found, proves that: then all are compared. Of a cluster that was missed a sample has some for sure.
BY_INDEX = f"""
        WITH listed AS MATERIALIZED ({BY_INDEX_ALONE}
        ), missed AS MATERIALIZED (
            SELECT EXISTS (
                SELECT FROM product_vectors AS v TABLESAMPLE SYSTEM (%(sampled)s) REPEATABLE (1)
                WHERE v.model = %(model)s{{fits}} AND v.product_id NOT IN (SELECT product_id FROM listed)
                    AND {{distance}} < least(
                        (SELECT distance FROM listed ORDER BY distance OFFSET 9 LIMIT 1), 1 - %(alike_from)s
                    )
            ) AS proven
        )
        SELECT product_id, distance FROM listed WHERE NOT (SELECT proven FROM missed)
        UNION ALL
        SELECT product_id, distance FROM ({ALL_COMPARED}
        ) AS all_of_them WHERE (SELECT proven FROM missed)"""
# Of one product: its place by words, and by meaning. A product that lacks half of the words has little to say by its
# place among those that have some: hence the square.
BY_WORDS, BY_MEANING = "%(text_weight)s * share ^ 2 / (%(k)s + {place})", "%(meaning_weight)s / (%(k)s + meaning_place)"
# The best of each mode, all of the same two lists. `place` counts all that have words, `own_place` those of them that
# were found by these.
BEST = {
    "full text": f"""
    (SELECT 'full text' AS mode, key + whole_name + {BY_WORDS.format(place="own_place")} AS score,
        own_place AS text_place, text_score, share, NULL::bigint AS meaning_place, NULL::float8 AS similarity,
        key, whole_name, product_id
    FROM found WHERE own_place <= %(candidates)s ORDER BY score DESC, text_place LIMIT %(limit)s)""",
    "semantic": f"""
    (SELECT 'semantic' AS mode, {BY_MEANING} AS score, NULL::bigint AS text_place,
        NULL::float8 AS text_score, NULL::float8 AS share, meaning_place, similarity, 0::float8 AS key,
        0::float8 AS whole_name, product_id
    FROM found WHERE meaning_place IS NOT NULL ORDER BY score DESC LIMIT %(limit)s)""",
    "hybrid": f"""
    (SELECT 'hybrid' AS mode, key + whole_name + coalesce({BY_WORDS.format(place="place")}, 0)
            + coalesce({BY_MEANING}, 0) AS score,
        place AS text_place, text_score, share, meaning_place, similarity, key, whole_name, product_id
    FROM found WHERE place <= %(candidates)s OR meaning_place IS NOT NULL
    ORDER BY score DESC, text_place, product_id LIMIT %(limit)s)""",
}
STATEMENT = """
WITH meaning AS MATERIALIZED ({meaning}),{words},
found AS (
    SELECT product_id, text.place, text.own_place, text.score AS text_score, text.share, coalesce(text.key, 0) AS key,
        coalesce(text.whole_name, 0) AS whole_name, meaning.place AS meaning_place, meaning.similarity
    FROM text FULL JOIN meaning USING (product_id)
),
best AS MATERIALIZED ({best}
),
shown AS MATERIALIZED (
    SELECT ts_headline('english', {name}, {any}, %(whole_highlight)s) AS name_marked,
        ts_headline('english', {described}, {any}, %(highlight)s) AS description_marked,
        p.product_id, p.sku, p.name, p.description, p.price, p.stock_quantity, p.category, p.tags
    FROM products AS p WHERE p.product_id IN (SELECT product_id FROM best)
)
SELECT mode, score, text_place, text_score, share, meaning_place, similarity, key, whole_name, shown.*
FROM best JOIN shown USING (product_id) ORDER BY mode, score DESC, text_place, product_id
"""
# The scan goes on where conditions leave too few of the nearest, since pgvector 0.8; one before refuses the word. What
# would cost much and is hardly ever run, the comparison of all, is not to be compiled for each question.
PREPARE = f"""
SELECT set_config('hnsw.ef_search', '{AMONG}', true), set_config('jit', 'off', true),
    (SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true) FROM pg_extension
        WHERE extname = 'vector' AND string_to_array(extversion, '.')::int[] >= '{{{{0,8}}}}'),
    (SELECT 100.0 * {SAMPLED} / greatest(reltuples, {SAMPLED}) FROM pg_class WHERE oid = 'product_vectors'::regclass),
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'product_vectors'::regclass AND attname = 'embedding'),
    (SELECT count(*) FROM (SELECT FROM product_search_queue LIMIT {COUNTED + 1}) AS waiting),
    ARRAY(SELECT product_id FROM products AS p WHERE {{condition}} LIMIT {FEW}),
    (SELECT count(*) FROM (SELECT FROM products AS p WHERE {{condition}} LIMIT {EXACT_BELOW}) AS fitting)
"""
TOTAL = """
SELECT count(*) FROM (
    SELECT FROM product_search AS s WHERE s.document @@ {any}{fits} LIMIT {COUNTED} + 1
) AS had
"""
NAME, DESCRIBED = parted_sql("p.name"), parted_sql("left(p.description, 2000)")
