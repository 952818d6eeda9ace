package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.boot.test.PgPureTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

@Timeout(120)
// tag::test[]
@PgPureTest(properties = "pgpure.embedded.enabled=true")
@Import(Items.class)
class ItemsTests {

    @Autowired
    Items items;

    @Test
    void findsWhatWasAdded() {
        long id = items.add("lamp");
        assertThat(items.find(id)).contains(new Item(id, "lamp"));
    }
    // end::test[]

    @BeforeEach
    void createTable(@Autowired PgTemplate pg) {
        pg.execute("create table item (id bigint generated always as identity primary key, name text not null)");
    }
}
