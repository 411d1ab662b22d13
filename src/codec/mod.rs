//! Bytes to values and back: no I/O, no clock, no store, and no codec knows another's insides.

pub mod compose;
pub mod docx_fill;
pub mod docx_pack;
pub mod docx_page;
pub mod docx_read;
pub mod docx_write;
pub mod file_kind;
pub mod mime;
pub mod referral_form;
pub mod referral_json;
pub mod return_code;
pub mod sample_form;
pub mod text;
