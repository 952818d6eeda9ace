--liquibase formatted sql
--changeset pgpure:1
create table book (title text primary key);
