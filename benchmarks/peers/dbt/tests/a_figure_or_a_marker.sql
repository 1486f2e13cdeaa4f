SELECT * FROM {{ ref('figures') }} WHERE value IS NULL AND marker = ''
