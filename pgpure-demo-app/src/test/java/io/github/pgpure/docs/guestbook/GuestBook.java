package io.github.pgpure.docs.guestbook;

// tag::service[]
import io.github.pgpure.Query;
import io.github.pgpure.spring.PgTemplate;
import java.util.List;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
class GuestBook {

    private final PgTemplate pg;

    GuestBook(PgTemplate pg) {
        this.pg = pg;
    }

    @Transactional
    public long sign(String author, Mood mood, List<String> tags) {
        pg.execute("update visits set count = count + 1");
        return pg.fetchOne(
                        "insert into entries (author, mood, tags) values ($1, $2, $3) returning id", author, mood, tags)
                .getLong("id");
    }

    public List<Entry> latest(int limit) {
        return pg.fetch(Query.of("select * from entries order by id desc limit :limit")
                        .bind("limit", limit))
                .as(Entry.class);
    }
}
// end::service[]
