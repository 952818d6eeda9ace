package io.github.pgpure.docs.guide;

import io.github.pgpure.spring.PgKeyHolder;
import io.github.pgpure.spring.PgTemplate;
import java.util.Optional;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

// tag::service[]
@Service
class Items {

    private final PgTemplate pg;

    Items(PgTemplate pg) {
        this.pg = pg;
    }

    Optional<Item> find(long id) {
        return pg.sql("select * from item where id = :id")
                .param("id", id)
                .query(Item.class)
                .optional();
    }

    @Transactional
    long rename(long id, String name) {
        return pg.sql("update item set name = $1 where id = $2")
                .params(name, id)
                .update();
    }

    long add(String name) {
        var keys = new PgKeyHolder();
        pg.sql("insert into item (name) values (:name)").param("name", name).update(keys, "id");
        return keys.key(Long.class);
    }
}
// end::service[]
