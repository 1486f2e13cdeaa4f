CREATE OR REPLACE TABLE analysis.permutation (
    series_id VARCHAR NOT NULL,
    berlin VARCHAR NOT NULL,
    bin_lower DOUBLE NOT NULL,
    bin_upper DOUBLE NOT NULL,
    splits INTEGER NOT NULL,
    PRIMARY KEY (series_id, berlin, bin_lower),
    CHECK (splits >= 0),
    CHECK (bin_lower < bin_upper)
);

COMMENT ON TABLE analysis.permutation IS 'One row a bin of the exact permutation distribution of the difference in means.';
COMMENT ON COLUMN analysis.permutation.series_id IS 'series';
COMMENT ON COLUMN analysis.permutation.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.permutation.bin_lower IS 'lower edge, percentage points';
COMMENT ON COLUMN analysis.permutation.bin_upper IS 'upper edge, percentage points';
COMMENT ON COLUMN analysis.permutation.splits IS 'ways of calling as many states eastern that fall into the bin';
