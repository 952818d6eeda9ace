package io.github.pgpure.spring.boot.beside;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** An entity of JPA. */
@Entity
class Author {

    @Id
    private long id;

    private String name;

    protected Author() {}

    Author(long id, String name) {
        this.id = id;
        this.name = name;
    }

    long id() {
        return id;
    }

    String name() {
        return name;
    }
}
