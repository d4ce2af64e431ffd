//! A plain workbook as people make it: per plate a sheet with a remark and one grid per wavelength, titled by it.

use rust_xlsxwriter::XlsxError;

use super::common::{new_workbook, saved, us_date, word_or};
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, Reading};
use crate::simulate::{SimulatedPlate, SimulatedTrial};

/// The whole file.
pub(super) fn export(trial: &SimulatedTrial, plates: &[&SimulatedPlate]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = new_workbook(&trial.protocol.study.title, plates)?;
    let reader = &trial.protocol.reader;
    for plate in plates {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&plate.plate.id)?;
        let remark = format!("SIMULATED DATA, plate {}, read {}", plate.plate.id, us_date(plate.plate.read_at));
        sheet.write(0, 0, remark)?;
        let mut row = 2;
        for nm in [reader.read_nm, reader.reference_nm] {
            sheet.write(row, 0, nm)?;
            for column in 1..=PlateSize::WELLS_96.columns as u16 {
                sheet.write(row + 1, column, column)?;
            }
            for well in &plate.wells {
                let (at, column) = (row + 2 + u32::from(well.position.row), well.position.column + 1);
                sheet.write(at, 0, row_letters(well.position.row.into()))?;
                let reading = if nm == reader.read_nm { &well.reading } else { &well.reference };
                match reading {
                    Reading::Measured(value) => sheet.write(at, column, *value)?,
                    word => sheet.write(at, column, word_or(word, |value| value.to_string()))?,
                };
            }
            row += PlateSize::WELLS_96.rows as u32 + 3;
        }
    }
    saved(workbook)
}
