package io.github.pgpure.demo;

import io.github.pgpure.Query;
import io.github.pgpure.spring.PgTemplate;
import java.io.InputStream;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Sets the prices of seats from a CSV file. Thread-safe. */
@Service
class PriceLists {

    private static final Query APPLY = Query.of("""
            update seats set price = price_list.price
            from price_list
            where show_id = :show and name = price_list.seat and status = 'free'""");

    private final PgTemplate pg;
    private final BoxOffice boxOffice;

    PriceLists(PgTemplate pg, BoxOffice boxOffice) {
        this.pg = pg;
        this.boxOffice = boxOffice;
    }

    /**
     * Copies the file into a temporary table as it arrives, then changes all prices at once.
     *
     * @param csv a header, then lines of seat and price
     * @return how many seats have a new price; sold ones keep theirs
     */
    @Transactional(timeout = 30)
    long upload(long show, InputStream csv) {
        if (pg.fetchOneOrNone("select 1 from shows where id = $1", show).isEmpty()) {
            throw new UnknownShowException(show);
        }
        pg.execute("""
                create temporary table price_list (
                    seat text primary key,
                    price numeric(8, 2) not null check (price >= 0)
                ) on commit drop""");
        pg.copyIn("copy price_list (seat, price) from stdin (format csv, header true)", csv);
        boxOffice.lock(show);
        return pg.execute(APPLY.bind("show", show));
    }
}
