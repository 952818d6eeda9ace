package com.example.web;

import io.github.pgpure.spring.PgTemplate;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class WebApp {

    public static void main(String[] args) {
        SpringApplication.run(WebApp.class, args);
    }

    record Visitor(long id, String name) {}

    @RestController
    static class Visitors {

        private final PgTemplate pg;

        Visitors(PgTemplate pg) {
            this.pg = pg;
        }

        @GetMapping("/visitors")
        List<Visitor> all() {
            return pg.sql("select id, name from visitor order by id").query(Visitor.class).list();
        }

        @Transactional
        @PostMapping("/visitors")
        public long add(@RequestParam String name) {
            pg.execute("create table if not exists visitor (id bigint generated always as identity, name text not null)");
            long id = pg.sql("insert into visitor (name) values (:name) returning id")
                    .param("name", name)
                    .query(Long.class)
                    .single();
            if (name.equals("nobody")) {
                throw new IllegalArgumentException("rolls back");
            }
            return id;
        }
    }
}
